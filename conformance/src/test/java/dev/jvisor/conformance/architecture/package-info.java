// SPDX-License-Identifier: Apache-2.0

/** Tests of the source tree and the compiled classes as a whole: layers, confinement, tidiness. */
@NullMarked
package dev.jvisor.conformance.architecture;

import org.jspecify.annotations.NullMarked;
