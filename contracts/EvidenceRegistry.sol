// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Keeps, once and for ever, who first submitted an evidence with its parts, and when.
///
/// It has no owner, no upgrade, no deletion, and stores no text. Entries are keyed by evidence AND parts: whoever
/// submits an evidence with other parts makes another entry and cannot occupy this one. A repeated call changes
/// nothing, emits nothing and returns false.
///
/// SHA-256 is used for everything that another program recomputes; keccak-256 only places storage slots.
contract EvidenceRegistry {
    struct Entry {
        address submitter;
        uint64 blockTime;
    }

    event Recorded(bytes32 indexed evidence, bytes32 indexed parts, address indexed submitter, uint64 genTime);

    mapping(bytes32 evidence => mapping(bytes32 parts => Entry)) private entries;

    /// The commitment alone: parts are zero.
    function put(bytes32 evidence) external returns (bool fresh) {
        return record(evidence, bytes32(0), 0);
    }

    /// Digests only. `timestampSha256` is zero and `genTime` is 0 when there is no timestamp.
    function putDigests(
        bytes32 evidence,
        bytes32 documentSha256,
        bytes32 signatureSha256,
        bytes32 timestampSha256,
        uint64 genTime
    ) external returns (bool fresh) {
        return record(evidence, partsOf(documentSha256, signatureSha256, timestampSha256, genTime), genTime);
    }

    /// The signature value and the timestamp token themselves stay in the call data; the entry is the same that
    /// `putDigests` makes. An empty token has 32 zero octets as its digest.
    function putFull(
        bytes32 evidence,
        bytes32 documentSha256,
        uint64 genTime,
        bytes calldata signature,
        bytes calldata timestampToken
    ) external returns (bool fresh) {
        bytes32 timestampSha256 = timestampToken.length == 0 ? bytes32(0) : sha256(timestampToken);
        return record(evidence, partsOf(documentSha256, sha256(signature), timestampSha256, genTime), genTime);
    }

    /// The entry, or zeros.
    function get(bytes32 evidence, bytes32 parts) external view returns (address submitter, uint64 blockTime) {
        Entry storage entry = entries[evidence][parts];
        return (entry.submitter, entry.blockTime);
    }

    function partsOf(bytes32 documentSha256, bytes32 signatureSha256, bytes32 timestampSha256, uint64 genTime)
        private
        pure
        returns (bytes32)
    {
        return sha256(
            abi.encodePacked("countersign.parts/1\n", documentSha256, signatureSha256, timestampSha256, genTime)
        );
    }

    function record(bytes32 evidence, bytes32 parts, uint64 genTime) private returns (bool fresh) {
        Entry storage entry = entries[evidence][parts];
        if (entry.submitter != address(0)) {
            return false;
        }
        entry.submitter = msg.sender;
        entry.blockTime = uint64(block.timestamp);
        emit Recorded(evidence, parts, msg.sender, genTime);
        return true;
    }
}
