/** What `realmem free --why` shows under its table. */
export { freeLines } from '../account/free-lines.ts';
