// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.platform.abi.Sched;

/** Names that uname(2) gives (Linux: {@code struct uts_namespace}). Byte strings in ISO-8859-1. */
public final class UtsNamespace extends Namespace {

    /** Linux: {@code __NEW_UTS_LEN}; longest name, in bytes. */
    public static final int NAME_LENGTH_MAX = 64;

    public static final String SYSNAME = "Linux";

    /**
     * The interface version that programs (glibc) look at: what we implement is close to this one.
     */
    public static final String RELEASE = "6.12.0-jvisor";

    public static final String VERSION = "#1 SMP PREEMPT_DYNAMIC Sun Nov 22 00:00:00 UTC 2026";
    public static final String MACHINE = "x86_64";

    private volatile String nodeName;
    private volatile String domainName = "(none)";

    private final UserNamespace owner;

    /** Makes the initial one. */
    public UtsNamespace(String nodeName) {
        super(INITIAL_UTS);
        this.nodeName = nodeName;
        this.owner = UserNamespace.INITIAL;
    }

    private UtsNamespace(UtsNamespace other, UserNamespace owner) {
        this.nodeName = other.nodeName;
        this.domainName = other.domainName;
        this.owner = owner;
    }

    /** Makes another with the same names. */
    public UtsNamespace copy(UserNamespace itsOwner) {
        return new UtsNamespace(this, itsOwner);
    }

    @Override
    public UserNamespace owner() {
        return owner;
    }

    @Override
    public String kind() {
        return "uts";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWUTS;
    }

    public String nodeName() {
        return nodeName;
    }

    public void setNodeName(String name) {
        nodeName = name;
    }

    public String domainName() {
        return domainName;
    }

    public void setDomainName(String name) {
        domainName = name;
    }
}
