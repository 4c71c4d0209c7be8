// SPDX-License-Identifier: Apache-2.0
/** How a class says which system calls it serves. */
@NullMarked
package dev.jvisor.syscalls.annotation;

import org.jspecify.annotations.NullMarked;
