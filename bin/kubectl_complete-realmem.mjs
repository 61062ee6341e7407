#!/usr/bin/env node
/** kubectl starts this file by its name to complete the words after `kubectl realmem`. */
import './realmem.mjs';
