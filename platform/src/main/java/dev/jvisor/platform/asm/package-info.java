// SPDX-License-Identifier: Apache-2.0
/**
 * A small x86-64 assembler for the machine code that stubs run; no C compiler at build or run time.
 */
@NullMarked
package dev.jvisor.platform.asm;

import org.jspecify.annotations.NullMarked;
