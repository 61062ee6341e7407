#!/usr/bin/env node
import { main } from './cli/main.ts';
/** Runs `realmem` as a process. */
import { processIo } from './edges/process.ts';

const io = processIo();
// All output is written by now. Do not wait for open handles, such as a peer that does not read.
io.exit(await main(io));
