// SPDX-License-Identifier: Apache-2.0
/** Signals: actions, masks, waiting, sending. */
@NullMarked
package dev.jvisor.syscalls.handlers.signal;

import org.jspecify.annotations.NullMarked;
