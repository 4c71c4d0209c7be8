// SPDX-License-Identifier: Apache-2.0
/** System calls on user and group ids and capabilities. */
@NullMarked
package dev.jvisor.syscalls.handlers.identity;

import org.jspecify.annotations.NullMarked;
