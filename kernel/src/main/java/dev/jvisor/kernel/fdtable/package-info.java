// SPDX-License-Identifier: Apache-2.0
/** Descriptor tables. */
@NullMarked
package dev.jvisor.kernel.fdtable;

import org.jspecify.annotations.NullMarked;
