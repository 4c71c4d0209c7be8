// SPDX-License-Identifier: Apache-2.0
/** Doubles for tests of guest memory: a memory file on the heap, a host that can be looked into. */
@NullMarked
package dev.jvisor.mm.testing;

import org.jspecify.annotations.NullMarked;
