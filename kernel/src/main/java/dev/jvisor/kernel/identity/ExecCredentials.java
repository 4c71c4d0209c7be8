// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.platform.abi.StatMode;

/**
 * What execve(2) makes of credentials (Linux: cap_bprm_creds_from_file).
 *
 * <p>Deviation: file capabilities (the {@code security.capability} attribute) are not looked at.
 *
 * @param credentials the new ones
 * @param secure AT_SECURE: the program runs with more than its caller had
 */
public record ExecCredentials(Credentials credentials, boolean secure) {

    /**
     * Computes the change.
     *
     * @param mode type and permission bits of the program's file
     * @param fileUid its owner
     * @param fileGid its group
     * @param noSetId whether its mount ignores set-id bits (MS_NOSUID)
     */
    public static ExecCredentials compute(
            Credentials old, int mode, int fileUid, int fileGid, boolean noSetId) {
        CredentialsBuilder b = new CredentialsBuilder(old);
        if (!noSetId && !old.noNewPrivileges()) {
            if ((mode & StatMode.S_ISUID) != 0) {
                b.euid = fileUid;
            }
            // Without group execution the bit marks mandatory locking.
            int setGid = StatMode.S_ISGID | StatMode.S_IXGRP;
            if ((mode & setGid) == setGid) {
                b.egid = fileGid;
            }
        }
        boolean setId = b.euid != old.uid() || b.egid != old.gid();
        b.permitted = 0;
        boolean raise = false;
        if ((old.secureBits() & SecureBits.SECBIT_NOROOT) == 0) {
            int root = old.userNamespace().kernelUid(0);
            if (b.euid == root || b.uid == root) {
                b.permitted = old.bounding() | old.inheritable();
            }
            raise = b.euid == root;
        }
        b.suid = b.euid;
        b.fsuid = b.euid;
        b.sgid = b.egid;
        b.fsgid = b.egid;
        if (setId) {
            b.ambient = 0;
        }
        b.permitted |= b.ambient;
        b.effective = raise ? b.permitted : b.ambient;
        b.secureBits &= ~SecureBits.SECBIT_KEEP_CAPS;
        boolean secure = setId
                || b.uid != old.userNamespace().kernelUid(0)
                        && (raise || (b.permitted & ~b.ambient) != 0);
        return new ExecCredentials(b.build(), secure);
    }
}
