// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.annotation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Binds a static method to a system call.
 *
 * <p>The first parameter is the calling {@code Task}; up to six more take the arguments:
 * {@code int} (low 32 bits, sign extended) or {@code long} (all bits; addresses, too), which
 * {@link Arg} describes for strace. The method may be package-private, as its class. The result is
 * {@code long} or {@code int}; errors are thrown as {@code ErrnoException}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Syscall {

    /** Number on x86-64, as in asm/unistd_64.h. */
    int number();

    /** Name as in asm/unistd_64.h. */
    String name();

    Support support() default Support.FULL;

    /** What is missing, for {@link Support#PARTIAL}. */
    String note() default "";
}
