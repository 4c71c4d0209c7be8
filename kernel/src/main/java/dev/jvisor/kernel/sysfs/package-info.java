// SPDX-License-Identifier: Apache-2.0
/**
 * /sys: the part of the device tree that programs ask for CPUs and the like. Nothing can be
 * written.
 */
@NullMarked
package dev.jvisor.kernel.sysfs;

import org.jspecify.annotations.NullMarked;
