// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Sched;

/** The time namespace, of which there is only the initial one. */
final class TimeNamespace extends Namespace {

    static final TimeNamespace INITIAL = new TimeNamespace();

    private TimeNamespace() {
        super(INITIAL_TIME);
    }

    @Override
    public UserNamespace owner() {
        return UserNamespace.INITIAL;
    }

    @Override
    public String kind() {
        return "time";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWTIME;
    }
}
