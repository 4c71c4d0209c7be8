// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.annotation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a class whose static methods with {@link Syscall} serve system calls. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface SyscallHandlers {}
