// SPDX-License-Identifier: Apache-2.0
/** From a description of a sandbox to a running kernel, and to its exit status. */
@NullMarked
package dev.jvisor.runsc.boot;

import org.jspecify.annotations.NullMarked;
