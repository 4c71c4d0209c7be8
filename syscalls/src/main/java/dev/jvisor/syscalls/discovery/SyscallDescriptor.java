// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.syscalls.annotation.Arg;
import dev.jvisor.syscalls.annotation.Support;

import java.util.List;

/**
 * What a handler method says of itself, without its class being loaded.
 *
 * @param number x86-64 number
 * @param name as in asm/unistd_64.h
 * @param note what is missing, if {@code support} is PARTIAL
 * @param className binary name of the handler class
 * @param intResult whether the method returns {@code int} rather than {@code long}
 * @param parameters what follows the task
 */
public record SyscallDescriptor(
        int number,
        String name,
        Support support,
        String note,
        String className,
        String methodName,
        boolean intResult,
        List<Parameter> parameters) {

    /**
     * One argument of the call.
     *
     * @param isInt {@code int}: the low 32 bits, sign extended; otherwise {@code long}: all bits
     * @param format how to render it
     */
    public record Parameter(String name, boolean isInt, Arg.Format format) {}

    /** Class and method for messages: {@code PipeSyscalls#pipe2}. */
    public String source() {
        return className.substring(className.lastIndexOf('.') + 1) + '#' + methodName;
    }

    /** Descriptor of the method in the class file. */
    String methodDescriptor() {
        StringBuilder b = new StringBuilder("(L").append(SyscallScanner.TASK.replace('.', '/'));
        b.append(';');
        for (Parameter p : parameters) {
            b.append(p.isInt() ? 'I' : 'J');
        }
        return b.append(')').append(intResult ? 'I' : 'J').toString();
    }
}
