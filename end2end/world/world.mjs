// What the runner prepared for the specs: addresses, a signed-in session, keys.
import fs from 'node:fs';
import { ownDatabase } from './athena.mjs';
import { query } from './postgres.mjs';

const file = process.env.ATHENA_WORLD;
if (!file) throw new Error('run the specs with: node end2end/run.mjs [part of a name]');

/** @type {{url: string, dataDir: string, session: object, apiKey: string, chinook: string, workshop: string, tenants: string, jwtSecret: string, libraryKey: string, admin: {email: string, key: string}}} */
export const world = JSON.parse(fs.readFileSync(file, 'utf8'));

/** Ask the demo database itself. */
export const demo = (text, values) => query(ownDatabase(world.dataDir, 'demo'), text, values);

/** Ask the music shop's database itself. */
export const chinook = (text, values) => query(world.chinook, text, values);

/** Ask the database of the two tenants itself. */
export const tenants = (text, values) => query(world.tenants, text, values);

/** Ask the database of the library specs itself. */
export const workshop = (text, values) => query(world.workshop, text, values);
