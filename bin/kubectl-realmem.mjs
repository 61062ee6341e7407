#!/usr/bin/env node
/** On Windows npm starts this file by its own name, which says that kubectl called. */
import './realmem.mjs';
