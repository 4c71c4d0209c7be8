// SPDX-License-Identifier: Apache-2.0
/** Who shares the pages of the memory file: allocation with reference counts. */
@NullMarked
package dev.jvisor.mm.pages;

import org.jspecify.annotations.NullMarked;
