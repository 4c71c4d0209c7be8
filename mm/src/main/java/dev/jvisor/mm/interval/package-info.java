// SPDX-License-Identifier: Apache-2.0
/**
 * Ordered sets of intervals with primitive keys: the structure under VMAs, backing and page counts.
 */
@NullMarked
package dev.jvisor.mm.interval;

import org.jspecify.annotations.NullMarked;
