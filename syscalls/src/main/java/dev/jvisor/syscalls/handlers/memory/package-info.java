// SPDX-License-Identifier: Apache-2.0
/** Memory: mmap(2) and its relatives. */
@NullMarked
package dev.jvisor.syscalls.handlers.memory;

import org.jspecify.annotations.NullMarked;
