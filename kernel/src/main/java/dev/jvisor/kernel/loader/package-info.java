// SPDX-License-Identifier: Apache-2.0
/** Programs: ELF images, interpreter scripts, the initial stack, the vDSO. */
@NullMarked
package dev.jvisor.kernel.loader;

import org.jspecify.annotations.NullMarked;
