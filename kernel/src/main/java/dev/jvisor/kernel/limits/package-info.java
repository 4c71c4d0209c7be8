// SPDX-License-Identifier: Apache-2.0
/** Resource limits of processes (Linux: {@code struct rlimit} in {@code signal_struct}). */
@NullMarked
package dev.jvisor.kernel.limits;

import org.jspecify.annotations.NullMarked;
