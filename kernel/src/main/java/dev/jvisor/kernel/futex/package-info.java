// SPDX-License-Identifier: Apache-2.0
/** Futex wait queues. */
@NullMarked
package dev.jvisor.kernel.futex;

import org.jspecify.annotations.NullMarked;
