// SPDX-License-Identifier: Apache-2.0
/** Clocks, sleeps and timers. */
@NullMarked
package dev.jvisor.syscalls.handlers.time;

import org.jspecify.annotations.NullMarked;
