export { type RenderOptions, renderMessageContext } from './message-context.js';
