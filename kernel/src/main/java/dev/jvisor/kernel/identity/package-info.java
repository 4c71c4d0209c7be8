// SPDX-License-Identifier: Apache-2.0
/**
 * How credentials change: the set*id family, capabilities, execve (Linux:
 * {@code security/commoncap.c}).
 */
@NullMarked
package dev.jvisor.kernel.identity;

import org.jspecify.annotations.NullMarked;
