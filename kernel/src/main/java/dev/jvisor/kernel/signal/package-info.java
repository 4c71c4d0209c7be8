// SPDX-License-Identifier: Apache-2.0
/** Signals: actions, masks, queues, delivery and return. */
@NullMarked
package dev.jvisor.kernel.signal;

import org.jspecify.annotations.NullMarked;
