// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;

/**
 * Who called connect(2), listen(2) or socketpair(2) (Linux: {@code sk_peer_pid},
 * {@code sk_peer_cred}).
 *
 * @param processId as {@link CallContext#globalProcessId}
 */
public record PeerIdentity(int processId, Credentials credentials) {

    public static PeerIdentity of(CallContext context) {
        return new PeerIdentity(context.globalProcessId(), context.credentials());
    }
}
