// A client in a process of its own, so that a test can stop the process. Prints a line for all that it is told.
import { Connection } from '../../../src/realtime/connection/connection.js';
import { settingsFor } from './support.js';

const [baseUrl = '', pingAfterMs = '300'] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const connection = new Connection(
  settingsFor({ baseUrl, pingAfterMs: Number(pingAfterMs), reconnectInterval: 10 }),
  {
    onHelloOk: () => {},
    onSilence: () => {},
    onSessionStart: (session) => say(`session ${session.id}`),
    inbox: { frame: (frame) => say(`frame ${frame.type}`) },
    onSessionEnd: (session) => say(`end ${session.id}`),
    onDisconnect: (info) => say(`disconnect ${info.code} ${info.reason}`),
    onStateChange: () => {},
    onGivenUp: () => {},
    onError: (error) => say(`error ${error.message}`),
  },
);
void connection.connect();
