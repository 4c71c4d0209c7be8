// SPDX-License-Identifier: Apache-2.0
/** Copies between Sentry and guest memory with the partial-result and EFAULT rules of Linux. */
@NullMarked
package dev.jvisor.mm.usercopy;

import org.jspecify.annotations.NullMarked;
