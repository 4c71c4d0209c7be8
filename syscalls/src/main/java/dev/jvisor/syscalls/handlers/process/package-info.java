// SPDX-License-Identifier: Apache-2.0
/** System calls on processes and threads: life, ids, groups, limits, usage, scheduling. */
@NullMarked
package dev.jvisor.syscalls.handlers.process;

import org.jspecify.annotations.NullMarked;
