// SPDX-License-Identifier: Apache-2.0
/** Files by name and what is in them: open(2), read(2), stat(2), rename(2) and their relatives. */
@NullMarked
package dev.jvisor.syscalls.handlers.file;

import org.jspecify.annotations.NullMarked;
