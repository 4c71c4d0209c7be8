// SPDX-License-Identifier: Apache-2.0
/** The kernel object: everything that one sandbox has once. */
@NullMarked
package dev.jvisor.kernel;

import org.jspecify.annotations.NullMarked;
