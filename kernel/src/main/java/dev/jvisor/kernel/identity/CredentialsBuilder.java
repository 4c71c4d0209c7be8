// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;

/** Credentials under change (Linux: prepare_creds). */
final class CredentialsBuilder {

    int uid;
    int euid;
    int suid;
    int fsuid;
    int gid;
    int egid;
    int sgid;
    int fsgid;
    int[] groups;
    long permitted;
    long effective;
    long inheritable;
    long bounding;
    long ambient;
    int secureBits;
    boolean noNewPrivileges;
    UserNamespace userNamespace;

    CredentialsBuilder(Credentials c) {
        uid = c.uid();
        euid = c.euid();
        suid = c.suid();
        fsuid = c.fsuid();
        gid = c.gid();
        egid = c.egid();
        sgid = c.sgid();
        fsgid = c.fsgid();
        groups = c.groups();
        permitted = c.permitted();
        effective = c.effective();
        inheritable = c.inheritable();
        bounding = c.bounding();
        ambient = c.ambient();
        secureBits = c.secureBits();
        noNewPrivileges = c.noNewPrivileges();
        userNamespace = c.userNamespace();
    }

    /** Drops ambient capabilities that are not both permitted and inheritable. */
    void trimAmbient() {
        ambient &= permitted & inheritable;
    }

    Credentials build() {
        return new Credentials(
                uid,
                euid,
                suid,
                fsuid,
                gid,
                egid,
                sgid,
                fsgid,
                groups,
                permitted,
                effective,
                inheritable,
                bounding,
                ambient,
                secureBits,
                noNewPrivileges,
                userNamespace);
    }
}
