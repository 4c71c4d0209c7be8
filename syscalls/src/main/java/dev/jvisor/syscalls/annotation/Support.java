// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.annotation;

/**
 * How much of a system call is served. A call that is not served has no handler and answers ENOSYS.
 */
public enum Support {
    /** All that Linux documents. */
    FULL,
    /** Part of it; {@link Syscall#note} says what is missing. */
    PARTIAL
}
