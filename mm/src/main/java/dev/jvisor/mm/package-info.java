// SPDX-License-Identifier: Apache-2.0
/** The guest's virtual memory: what is mapped, which pages back it, faults, and access to it. */
@NullMarked
package dev.jvisor.mm;

import org.jspecify.annotations.NullMarked;
