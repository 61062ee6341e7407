#!/usr/bin/env node
import { main } from './cli/main.ts';
/** The command `realmem` as a process. */
import { processIo } from './edges/process.ts';

const io = processIo();
// All output is written by now. Exit without waiting for what still hangs, such as a peer that does not read.
io.exit(await main(io));
