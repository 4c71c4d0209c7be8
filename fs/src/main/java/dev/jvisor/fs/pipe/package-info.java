// SPDX-License-Identifier: Apache-2.0
/** Pipes and FIFOs (Linux: fs/pipe.c). */
@NullMarked
package dev.jvisor.fs.pipe;

import org.jspecify.annotations.NullMarked;
