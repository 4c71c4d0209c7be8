// SPDX-License-Identifier: Apache-2.0
/** Runs the same program on Linux and in the sandbox. */
@NullMarked
package dev.jvisor.conformance.harness;

import org.jspecify.annotations.NullMarked;
