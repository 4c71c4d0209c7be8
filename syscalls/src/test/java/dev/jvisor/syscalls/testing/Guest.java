// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.testing;

/**
 * A guest program: its return ends the process with status 0, a throwable with 99 and a failed
 * test.
 */
public interface Guest {
    void run(Cpu cpu) throws Throwable;
}
