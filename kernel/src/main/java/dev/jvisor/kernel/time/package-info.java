// SPDX-License-Identifier: Apache-2.0
/** Clocks and timers. */
@NullMarked
package dev.jvisor.kernel.time;

import org.jspecify.annotations.NullMarked;
