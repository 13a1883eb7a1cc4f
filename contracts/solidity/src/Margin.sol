// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAavePool} from "./interfaces/IAavePool.sol";
import {IMargin, MarginTerms} from "./interfaces/IMargin.sol";
import {ISwapPool} from "./interfaces/ISwapPool.sol";

/// A hedge's own account at Aave v3. Each is a clone of one implementation; owner and terms stand in the clone's code, so that it
/// has no storage, and nobody can change either.
///
/// It trades by flash swap: the pool pays first, and in its callback the debt is borrowed or repaid that makes the payment possible. A
/// callback is answered once, to the pool of the terms, while this account has asked it for a swap, up to what it asked for.
contract Margin is IMargin, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant ALL = type(uint256).max;
    uint256 private constant VARIABLE_RATE = 2;

    /// What the pool was asked for: above zero, to take so much of the volatile token; below, to pay so much of it.
    int256 private transient _asked;

    modifier onlyOwner() {
        if (msg.sender != owner()) revert NotOwner(msg.sender);
        _;
    }

    function owner() public view returns (address owner_) {
        (owner_,) = _arguments();
    }

    function terms() public view returns (MarginTerms memory terms_) {
        (, terms_) = _arguments();
    }

    function initialise() external {
        MarginTerms memory own = terms();
        IAavePool market = IAavePool(own.market);
        if (market.getUserEMode(address(this)) == own.eMode) revert AlreadyInitialised();
        market.setUserEMode(own.eMode);
    }

    function short(uint256 amount, uint160 sqrtPriceLimitX96, uint256 payOut)
        external
        onlyOwner
        nonReentrant
        returns (uint256 sold, uint256 received)
    {
        MarginTerms memory own = terms();
        if (amount == 0) _lend(own);
        else (sold, received) = _swap(own, amount.toInt256(), sqrtPriceLimitX96);
        if (payOut != 0) _release(own, owner(), payOut);
    }

    function cover(uint256 amount, uint160 sqrtPriceLimitX96, uint256 payOut)
        external
        onlyOwner
        nonReentrant
        returns (uint256 bought, uint256 paid)
    {
        MarginTerms memory own = terms();
        IERC20 volatileToken = IERC20(_volatile(own));
        IERC20 debtToken = IERC20(IAavePool(own.market).getReserveData(address(volatileToken)).variableDebtToken);
        _repay(own, debtToken.balanceOf(address(this)));
        amount = Math.min(amount, debtToken.balanceOf(address(this)));
        if (amount != 0) (paid, bought) = _swap(own, -amount.toInt256(), sqrtPriceLimitX96);
        if (payOut != 0) _release(own, owner(), payOut);
        // There is some only where nothing is owed any more.
        uint256 rest = volatileToken.balanceOf(address(this));
        if (rest != 0) volatileToken.safeTransfer(owner(), rest);
    }

    function supply() external onlyOwner nonReentrant returns (uint256 supplied) {
        return _lend(terms());
    }

    function withdraw(uint256 amount) external onlyOwner nonReentrant returns (uint256 withdrawn) {
        return _release(terms(), owner(), amount);
    }

    function sweep(address token) external onlyOwner nonReentrant returns (uint256 amount) {
        amount = IERC20(token).balanceOf(address(this));
        if (amount != 0) IERC20(token).safeTransfer(owner(), amount);
    }

    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        MarginTerms memory own = terms();
        int256 asked = _asked;
        if (msg.sender != own.swapPool || asked == 0) revert CallbackRefused(msg.sender);
        _asked = 0;
        (int256 volatileDelta, int256 collateralDelta) =
            own.volatileToken == 0 ? (amount0Delta, amount1Delta) : (amount1Delta, amount0Delta);
        bool selling = asked > 0;
        if (selling) {
            if (volatileDelta <= 0 || volatileDelta > asked || collateralDelta > 0) {
                revert CallbackAmounts(amount0Delta, amount1Delta);
            }
            uint256 owed = uint256(volatileDelta);
            _lend(own);
            IAavePool(own.market).borrow(_volatile(own), owed, VARIABLE_RATE, 0, address(this));
            IERC20(_volatile(own)).safeTransfer(msg.sender, owed);
        } else {
            if (collateralDelta <= 0 || volatileDelta >= 0 || volatileDelta < asked) {
                revert CallbackAmounts(amount0Delta, amount1Delta);
            }
            _repay(own, uint256(-volatileDelta));
            _release(own, msg.sender, uint256(collateralDelta));
        }
    }

    /// Has the pool take (`asked` above zero) or pay so much of the volatile token, or what it can within the limit. Returns what it
    /// took of its input, and what it paid.
    function _swap(MarginTerms memory own, int256 asked, uint160 limit) private returns (uint256 taken, uint256 given) {
        _asked = asked;
        bool zeroForOne = (own.volatileToken == 0) == (asked > 0);
        (int256 amount0, int256 amount1) = ISwapPool(own.swapPool).swap(address(this), zeroForOne, asked, limit, "");
        // A pool that did not call back was paid nothing, and nothing was borrowed or repaid for what it says.
        if (_asked != 0) revert CallbackAmounts(amount0, amount1);
        (int256 input, int256 output) = zeroForOne ? (amount0, amount1) : (amount1, amount0);
        if (input < 0 || output > 0) revert CallbackAmounts(amount0, amount1);
        return (uint256(input), uint256(-output));
    }

    /// Lends all collateral that is here.
    function _lend(MarginTerms memory own) private returns (uint256 amount) {
        IERC20 collateral = IERC20(_collateral(own));
        amount = collateral.balanceOf(address(this));
        if (amount == 0) return 0;
        collateral.forceApprove(own.market, amount);
        IAavePool(own.market).supply(address(collateral), amount, address(this), 0);
    }

    /// Repays at most `amount` with the volatile token that is here.
    function _repay(MarginTerms memory own, uint256 amount) private {
        IERC20 token = IERC20(_volatile(own));
        amount = Math.min(amount, token.balanceOf(address(this)));
        if (amount == 0) return;
        token.forceApprove(own.market, amount);
        uint256 repaid = IAavePool(own.market).repay(address(token), amount, VARIABLE_RATE, address(this));
        if (repaid != amount) token.forceApprove(own.market, 0);
    }

    /// Pays collateral out: what is here first, which works whatever Aave says, then what is lent.
    function _release(MarginTerms memory own, address to, uint256 amount) private returns (uint256 paid) {
        IERC20 collateral = IERC20(_collateral(own));
        IAavePool market = IAavePool(own.market);
        paid = Math.min(amount, collateral.balanceOf(address(this)));
        if (paid != 0) collateral.safeTransfer(to, paid);
        if (amount == ALL) {
            IERC20 lent = IERC20(market.getReserveData(address(collateral)).aToken);
            if (lent.balanceOf(address(this)) == 0) return paid;
        } else {
            amount -= paid;
            if (amount == 0) return paid;
        }
        paid += market.withdraw(address(collateral), amount, to);
    }

    function _volatile(MarginTerms memory own) private pure returns (address) {
        return own.volatileToken == 0 ? own.token0 : own.token1;
    }

    function _collateral(MarginTerms memory own) private pure returns (address) {
        return own.volatileToken == 0 ? own.token1 : own.token0;
    }

    function _arguments() private view returns (address owner_, MarginTerms memory terms_) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (address, MarginTerms));
    }
}
