#!/usr/bin/env node
/** In a clone the sources run as they are; a package has their bundle instead. */
import fs from 'node:fs';

const sources = new URL('../src/cli.ts', import.meta.url);
await import(fs.existsSync(sources) ? sources.href : '../dist/realmem.mjs');
