// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.process;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;

/** Whose task is it: what scheduling calls ask. */
final class Ownership {

    private Ownership() {}

    /** Linux: check_same_owner. */
    static boolean sameOwner(Task caller, Task target) {
        Credentials own = caller.credentials();
        Credentials other = target.credentials();
        return own.euid() == other.euid() || own.euid() == other.uid();
    }
}
