// SPDX-License-Identifier: Apache-2.0
/**
 * A sandbox without machine code: guests are Java methods that make system calls, on a platform
 * that hands them over as a processor would. What runs above the platform is the real kernel.
 */
@NullMarked
package dev.jvisor.syscalls.testing;

import org.jspecify.annotations.NullMarked;
