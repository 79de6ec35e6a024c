export { isKeyInEnvironment } from './environment.js';
export { credentialsFile, readCredentials, type StoredAccount, writeCredentials } from './file.js';
export { homeFolder } from './home.js';
export { writePrivately } from './private-file.js';
