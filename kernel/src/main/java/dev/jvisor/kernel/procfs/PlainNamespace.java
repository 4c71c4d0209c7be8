// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.procfs;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Sched;

/** A namespace of a kind of which there is only the initial one. */
final class PlainNamespace extends Namespace {

    private static final PlainNamespace TIME =
            new PlainNamespace(INITIAL_TIME, "time", Sched.CLONE_NEWTIME);
    private static final PlainNamespace IPC =
            new PlainNamespace(INITIAL_IPC, "ipc", Sched.CLONE_NEWIPC);
    private static final PlainNamespace NET =
            new PlainNamespace(INITIAL_NET, "net", Sched.CLONE_NEWNET);

    private final String kind;
    private final int flag;

    private PlainNamespace(long number, String kind, int flag) {
        super(number);
        this.kind = kind;
        this.flag = flag;
    }

    /** That of a name in {@code /proc/PID/ns}. */
    static PlainNamespace ofName(String name) {
        return switch (name) {
            case "ipc" -> IPC;
            case "net" -> NET;
            default -> TIME;
        };
    }

    @Override
    public UserNamespace owner() {
        return UserNamespace.INITIAL;
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public int cloneFlag() {
        return flag;
    }
}
