// SPDX-License-Identifier: Apache-2.0
/** Mounts and what fits nowhere else. */
@NullMarked
package dev.jvisor.syscalls.handlers.misc;

import org.jspecify.annotations.NullMarked;
