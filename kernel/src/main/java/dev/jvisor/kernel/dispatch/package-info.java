// SPDX-License-Identifier: Apache-2.0
/** From a trap to a handler and back: table, result mapping, observers. */
@NullMarked
package dev.jvisor.kernel.dispatch;

import org.jspecify.annotations.NullMarked;
