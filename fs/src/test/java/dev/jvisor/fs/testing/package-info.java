// SPDX-License-Identifier: Apache-2.0
/** Doubles and helpers for tests of file systems. */
@NullMarked
package dev.jvisor.fs.testing;

import org.jspecify.annotations.NullMarked;
