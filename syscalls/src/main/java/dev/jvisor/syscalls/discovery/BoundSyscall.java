// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.dispatch.SyscallHandler;

/**
 * Base of the generated bindings. A subclass serves all calls of one handler class: {@code invoke}
 * switches on {@link #index} to a direct static call. One small class for each family loads about
 * ten times faster than one for each call, and stays far below the size that the JIT compiler
 * refuses.
 */
public abstract class BoundSyscall extends SyscallHandler {

    /** Which call of the family this is. */
    protected final int index;

    private final int number;
    private final String name;

    protected BoundSyscall(int index, int number, String name) {
        this.index = index;
        this.number = number;
        this.name = name;
    }

    @Override
    public final int number() {
        return number;
    }

    @Override
    public final String name() {
        return name;
    }
}
