// SPDX-License-Identifier: Apache-2.0
/** /proc and /sys. */
@NullMarked
package dev.jvisor.kernel.procfs;

import org.jspecify.annotations.NullMarked;
