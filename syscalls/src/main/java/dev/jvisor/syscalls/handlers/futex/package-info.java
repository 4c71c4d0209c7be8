// SPDX-License-Identifier: Apache-2.0
/** futex(2) and robust lists. */
@NullMarked
package dev.jvisor.syscalls.handlers.futex;

import org.jspecify.annotations.NullMarked;
